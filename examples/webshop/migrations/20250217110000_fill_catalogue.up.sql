INSERT INTO categories (slug, name) VALUES
    ('outdoors', 'Outdoors'),
    ('kitchen', 'Kitchen; pots & pans'),
    ('books', 'Books');

INSERT INTO categories (parent_id, slug, name)
SELECT id, 'hiking', 'Hiking' FROM categories WHERE slug = 'outdoors';

-- The list as the buyers exported it: sku, category, name, description, price.
CREATE TEMPORARY TABLE price_list (
    sku         text,
    category    text,
    name        text,
    description text,
    price_cents bigint
);

COPY price_list (sku, category, name, description, price_cents) FROM stdin;
HK-001	hiking	Trail boots	Ankle-high; waterproof.	12900
HK-002	hiking	Trekking poles	Pair, carbon -- 220 g each	6450
HK-003	hiking	Rain jacket	Packs into its own pocket	8990
OD-001	outdoors	Head torch	400 lumen, don't look into it	3490
OD-002	outdoors	Camping stove	\N	4200
KT-001	kitchen	Cast-iron pan	28 cm\nnot for the dishwasher	5900
KT-002	kitchen	Chef's knife	Carbon steel, 21 cm	7450
BK-001	books	Knots & Splices	Paperback, 3rd edition	1850
\.

INSERT INTO products (category_id, sku, name, description, price_cents)
SELECT c.id, p.sku, p.name, coalesce(p.description, ''), p.price_cents
FROM price_list AS p
JOIN categories AS c ON c.slug = p.category
ORDER BY p.sku;

DROP TABLE price_list;
