"""Made-up visits for a gateway that is shown to somebody."""
