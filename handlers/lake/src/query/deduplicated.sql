WITH numbered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY event_uuid ORDER BY ingested_at, created_at) AS copy
    FROM events
)
SELECT
    event_uuid,
    event_name,
    event_type,
    event_subtype,
    created_at,
    created_datetime,
    ingested_at,
    payload
FROM numbered
WHERE copy = 1
ORDER BY created_at DESC, event_uuid
LIMIT 1000
