WITH versions AS (
    SELECT DISTINCT
        json_extract_scalar(payload, '$.payload.program_id') AS program_id,
        json_extract_scalar(payload, '$.header.version') AS version,
        event_subtype AS status,
        json_extract_scalar(payload, '$.payload.channel') AS channel,
        json_extract_scalar(payload, '$.payload.start_time') AS start_time,
        json_extract_scalar(payload, '$.payload.end_time') AS end_time,
        json_extract_scalar(payload, '$.payload.title') AS title
    FROM programmes
    WHERE event_type = 'programme'
),
counted AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY program_id) AS versions
    FROM versions
)
SELECT
    program_id,
    version,
    status,
    channel,
    start_time,
    end_time,
    title
FROM counted
WHERE versions > 1
ORDER BY program_id, version
LIMIT 1000
