-- What an import does, product by product, so that people can look before they bring a sheet in.
alter table imports add column products jsonb not null default '[]';

-- down
alter table imports drop column products;
