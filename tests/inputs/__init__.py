"""Examples of the layouts, tables, templates and formats that Catalejo understands: tested here, shown in docs/inputs.md."""
