WITH numbered AS (
    SELECT
        event_subtype,
        payload,
        row_number() OVER (
            PARTITION BY json_extract_scalar(payload, '$.payload.id')
            ORDER BY json_extract_scalar(payload, '$.header.version') DESC
        ) AS age
    FROM programmes
    WHERE event_type = 'title' AND event_subtype IN ('listed', 'delisted')
)
SELECT
    source_id,
    count(*) AS titles
FROM numbered
CROSS JOIN UNNEST(CAST(json_extract(payload, '$.payload.source_ids') AS array(varchar))) AS listed (source_id)
WHERE age = 1 AND event_subtype = 'listed'
GROUP BY source_id
ORDER BY titles DESC, source_id
