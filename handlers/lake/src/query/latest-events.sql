SELECT
    created_datetime,
    event_name,
    event_uuid,
    payload
FROM events
ORDER BY created_at DESC, event_uuid
LIMIT 20
