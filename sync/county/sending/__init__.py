"""What stations are sent: outgoing (entries of the logs), snapshot (a whole scope instead of its entries), comparing (does a station hold
the same?)."""
