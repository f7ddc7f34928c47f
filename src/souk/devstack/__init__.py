"""PostgreSQL, NATS and Redis from wheels, and the processes of Souk itself, on one machine."""
