create table methods (
    code text primary key check (code ~ '^[a-z0-9_]{1,50}$'),
    name text not null,
    description text not null default '',
    days_min int not null check (days_min >= 0),
    days_max int not null check (days_max >= days_min),
    -- The tariff in US cents: so much a parcel, and so much for each begun kilogram after the first.
    parcel_cents bigint not null check (parcel_cents >= 0),
    kilogram_cents bigint not null check (kilogram_cents >= 0)
);

insert into methods (code, name, description, days_min, days_max, parcel_cents, kilogram_cents) values
    ('economy', 'Economy', 'Slow and cheap', 5, 12, 299, 80),
    ('standard', 'Standard', 'To the door', 2, 5, 499, 120),
    ('express', 'Express', 'To the door, next in line', 1, 2, 1499, 300);

-- Price levels for tariffs, in whole units to the US dollar: set by hand when a tariff is due, so
-- that shipping prices stand still while exchange rates move. Not an exchange rate.
create table currency_levels (
    currency text primary key check (currency ~ '^[A-Z]{3}$'),
    units_per_usd numeric not null check (units_per_usd > 0)
);

insert into currency_levels (currency, units_per_usd) values
    ('USD', 1), ('EUR', 1), ('GBP', 0.8), ('CHF', 0.9), ('CAD', 1.4), ('AUD', 1.5), ('NZD', 1.7),
    ('SGD', 1.35), ('HKD', 8), ('TWD', 32), ('JPY', 150), ('CNY', 7.2), ('KRW', 1400), ('INR', 85),
    ('PKR', 280), ('BDT', 120), ('LKR', 300), ('NPR', 135), ('VND', 25000), ('THB', 35), ('IDR', 16000),
    ('MYR', 4.4), ('PHP', 57), ('AED', 3.7), ('SAR', 3.75), ('QAR', 3.65), ('KWD', 0.31), ('BHD', 0.38),
    ('OMR', 0.39), ('JOD', 0.71), ('ILS', 3.7), ('TRY', 40), ('EGP', 50), ('MAD', 10), ('TND', 3.1),
    ('NGN', 1600), ('GHS', 15), ('KES', 130), ('TZS', 2600), ('UGX', 3700), ('ZAR', 18), ('SEK', 10.5),
    ('NOK', 11), ('DKK', 7), ('ISK', 138), ('PLN', 4), ('CZK', 23), ('HUF', 370), ('RON', 4.7),
    ('BGN', 1.85), ('RSD', 110), ('UAH', 41), ('GEL', 2.75), ('AMD', 390), ('KZT', 500), ('UZS', 12700),
    ('MXN', 20), ('BRL', 5.8), ('ARS', 1100), ('CLP', 950), ('COP', 4200), ('PEN', 3.75), ('UYU', 42),
    ('CRC', 510), ('GTQ', 7.7), ('DOP', 60), ('JMD', 158), ('XOF', 610), ('XAF', 610);

create table shipments (
    id uuid primary key,
    order_id uuid not null,
    shop_id uuid not null,
    carrier text not null,
    tracking_number text not null,
    status text not null check (status in ('shipped', 'delivered', 'cancelled')),
    shipped_at timestamptz not null,
    delivered_at timestamptz,
    check ((status = 'delivered') = (delivered_at is not null))
);
create index shipments_of_an_order on shipments (order_id);
-- Not unique: one parcel may carry several orders, and carriers give their numbers out again.
create index shipments_by_number on shipments (tracking_number, shipped_at);

-- down
drop table shipments;
drop table currency_levels;
drop table methods;
