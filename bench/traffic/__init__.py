"""What footfall costs: a year of visits, asked by day."""
