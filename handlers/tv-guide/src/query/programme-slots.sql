WITH numbered AS (
    SELECT
        event_subtype,
        payload,
        row_number() OVER (
            PARTITION BY json_extract_scalar(payload, '$.payload.program_id')
            ORDER BY json_extract_scalar(payload, '$.header.version') DESC
        ) AS age
    FROM programmes
    WHERE event_type = 'programme'
)
SELECT
    json_extract_scalar(payload, '$.payload.channel') AS channel,
    json_extract_scalar(payload, '$.payload.start_time') AS start_time,
    json_extract_scalar(payload, '$.payload.end_time') AS end_time,
    json_extract_scalar(payload, '$.payload.title') AS title,
    event_subtype AS status,
    json_extract_scalar(payload, '$.payload.program_id') AS program_id
FROM numbered
WHERE age = 1
ORDER BY start_time, channel, program_id
LIMIT 1000
