create table promotions (
    id uuid primary key,
    shop_id uuid,  -- null: the platform's, good in every shop
    code text not null check (code ~ '^[A-Za-z0-9_-]{3,50}$'),
    percent_basis_points int not null check (percent_basis_points between 1 and 10000),
    minimum_amount bigint check (minimum_amount >= 0),
    minimum_currency text check (minimum_currency ~ '^[A-Z]{3}$'),
    starts_at timestamptz,
    ends_at timestamptz,
    max_redemptions int not null default 0 check (max_redemptions >= 0),
    max_redemptions_per_customer int not null default 0 check (max_redemptions_per_customer >= 0),
    redemptions int not null default 0 check (redemptions >= 0),
    is_active boolean not null default true,
    created_at timestamptz not null,
    check (max_redemptions = 0 or redemptions <= max_redemptions),
    check ((minimum_amount is null) = (minimum_currency is null)),
    check (ends_at is null or starts_at is null or ends_at > starts_at)
);
create unique index promotions_by_code on promotions (lower(code)) where is_active;
create index promotions_of_a_shop on promotions (shop_id, created_at desc);

-- One a checkout, for ever: a redemption that was given back refuses a late one.
create table redemptions (
    checkout_id uuid primary key,
    promotion_id uuid references promotions (id),
    buyer_id uuid,
    discount_amount bigint,
    discount_currency text,
    is_given_back boolean not null default false,
    redeemed_at timestamptz not null default now(),
    check (is_given_back or promotion_id is not null)
);
create index redemptions_of_a_customer on redemptions (promotion_id, buyer_id) where not is_given_back;

create table tax_rates (
    country text not null check (country ~ '^[A-Z]{2}$'),
    state text not null default '',       -- as addresses abbreviate it; empty: the whole country
    state_name text not null default '',  -- as addresses write it out
    name text not null,
    rate_ppm int not null check (rate_ppm between 0 and 1000000),
    is_shipping_taxed boolean not null default true,
    primary key (country, state)
);

-- Standard rates as the tax authorities publish them, end of 2025. US: the state's own part.
insert into tax_rates (country, name, rate_ppm) values
    ('AT', 'VAT', 200000), ('BE', 'VAT', 210000), ('BG', 'VAT', 200000), ('HR', 'VAT', 250000),
    ('CY', 'VAT', 190000), ('CZ', 'VAT', 210000), ('DK', 'VAT', 250000), ('EE', 'VAT', 240000),
    ('FI', 'VAT', 255000), ('FR', 'VAT', 200000), ('DE', 'VAT', 190000), ('GR', 'VAT', 240000),
    ('HU', 'VAT', 270000), ('IE', 'VAT', 230000), ('IT', 'VAT', 220000), ('LV', 'VAT', 210000),
    ('LT', 'VAT', 210000), ('LU', 'VAT', 170000), ('MT', 'VAT', 180000), ('NL', 'VAT', 210000),
    ('PL', 'VAT', 230000), ('PT', 'VAT', 230000), ('RO', 'VAT', 210000), ('SK', 'VAT', 230000),
    ('SI', 'VAT', 220000), ('ES', 'VAT', 210000), ('SE', 'VAT', 250000), ('GB', 'VAT', 200000),
    ('CH', 'VAT', 81000), ('NO', 'VAT', 250000), ('IS', 'VAT', 240000), ('TR', 'VAT', 200000),
    ('CA', 'GST', 50000), ('AU', 'GST', 100000), ('NZ', 'GST', 150000), ('SG', 'GST', 90000),
    ('JP', 'Consumption tax', 100000), ('KR', 'VAT', 100000), ('IN', 'GST', 180000),
    ('VN', 'VAT', 100000), ('TH', 'VAT', 70000), ('PH', 'VAT', 120000), ('ZA', 'VAT', 150000),
    ('AE', 'VAT', 50000), ('SA', 'VAT', 150000), ('MX', 'VAT', 160000);

insert into tax_rates (country, state, state_name, name, rate_ppm, is_shipping_taxed) values
    ('US', 'AL', 'Alabama', 'Sales tax', 40000, false), ('US', 'AZ', 'Arizona', 'Sales tax', 56000, false),
    ('US', 'AR', 'Arkansas', 'Sales tax', 65000, true), ('US', 'CA', 'California', 'Sales tax', 72500, false),
    ('US', 'CO', 'Colorado', 'Sales tax', 29000, false), ('US', 'CT', 'Connecticut', 'Sales tax', 63500, true),
    ('US', 'DC', 'District of Columbia', 'Sales tax', 60000, true), ('US', 'FL', 'Florida', 'Sales tax', 60000, false),
    ('US', 'GA', 'Georgia', 'Sales tax', 40000, true), ('US', 'HI', 'Hawaii', 'General excise tax', 40000, true),
    ('US', 'ID', 'Idaho', 'Sales tax', 60000, false), ('US', 'IL', 'Illinois', 'Sales tax', 62500, false),
    ('US', 'IN', 'Indiana', 'Sales tax', 70000, true), ('US', 'IA', 'Iowa', 'Sales tax', 60000, false),
    ('US', 'KS', 'Kansas', 'Sales tax', 65000, true), ('US', 'KY', 'Kentucky', 'Sales tax', 60000, true),
    ('US', 'LA', 'Louisiana', 'Sales tax', 50000, false), ('US', 'ME', 'Maine', 'Sales tax', 55000, false),
    ('US', 'MD', 'Maryland', 'Sales tax', 60000, false), ('US', 'MA', 'Massachusetts', 'Sales tax', 62500, false),
    ('US', 'MI', 'Michigan', 'Sales tax', 60000, true), ('US', 'MN', 'Minnesota', 'Sales tax', 68750, true),
    ('US', 'MS', 'Mississippi', 'Sales tax', 70000, true), ('US', 'MO', 'Missouri', 'Sales tax', 42250, false),
    ('US', 'NE', 'Nebraska', 'Sales tax', 55000, true), ('US', 'NV', 'Nevada', 'Sales tax', 68500, false),
    ('US', 'NJ', 'New Jersey', 'Sales tax', 66250, true), ('US', 'NM', 'New Mexico', 'Gross receipts tax', 48750, true),
    ('US', 'NY', 'New York', 'Sales tax', 40000, true), ('US', 'NC', 'North Carolina', 'Sales tax', 47500, true),
    ('US', 'ND', 'North Dakota', 'Sales tax', 50000, true), ('US', 'OH', 'Ohio', 'Sales tax', 57500, true),
    ('US', 'OK', 'Oklahoma', 'Sales tax', 45000, false), ('US', 'PA', 'Pennsylvania', 'Sales tax', 60000, true),
    ('US', 'RI', 'Rhode Island', 'Sales tax', 70000, true), ('US', 'SC', 'South Carolina', 'Sales tax', 60000, true),
    ('US', 'SD', 'South Dakota', 'Sales tax', 42000, true), ('US', 'TN', 'Tennessee', 'Sales tax', 70000, true),
    ('US', 'TX', 'Texas', 'Sales tax', 62500, true), ('US', 'UT', 'Utah', 'Sales tax', 48500, false),
    ('US', 'VT', 'Vermont', 'Sales tax', 60000, true), ('US', 'VA', 'Virginia', 'Sales tax', 53000, false),
    ('US', 'WA', 'Washington', 'Sales tax', 65000, true), ('US', 'WV', 'West Virginia', 'Sales tax', 60000, true),
    ('US', 'WI', 'Wisconsin', 'Sales tax', 50000, true), ('US', 'WY', 'Wyoming', 'Sales tax', 40000, false);

-- down
drop table tax_rates;
drop table redemptions;
drop table promotions;
