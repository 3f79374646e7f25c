"""Who needs a refresh, decided in the warehouse; what is asked for, kept in beat's scrape queue."""
