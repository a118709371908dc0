#!/bin/sh
# Puts entry, icon and file type of Catalejo into the menus of this user; run it once after installing the program.
set -e
here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
install -Dm644 "$here/catalejo.desktop" "$data/applications/catalejo.desktop"
install -Dm644 "$here/catalejo-mime.xml" "$data/mime/packages/catalejo.xml"
install -Dm644 "$here/../icons/catalejo.svg" "$data/icons/hicolor/scalable/apps/catalejo.svg"
command -v update-mime-database >/dev/null && update-mime-database "$data/mime"
command -v update-desktop-database >/dev/null && update-desktop-database "$data/applications"
echo "Catalejo is in the menus now."
