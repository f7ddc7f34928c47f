"""The demo marketplace: shops, goods, people and three months of trade, all made up for it."""
