"""What commands show: tables, charts and numbers."""
