"""Examples of layouts, tables, templates and formats that Catalejo reads: tested here, shown in docs/inputs.md."""
