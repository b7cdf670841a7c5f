WITH numbered AS (
    SELECT
        event_subtype,
        json_extract_scalar(payload, '$.payload.channel') AS channel,
        json_extract_scalar(payload, '$.payload.start_time') AS start_time,
        json_extract_scalar(payload, '$.payload.end_time') AS end_time,
        row_number() OVER (
            PARTITION BY json_extract_scalar(payload, '$.payload.program_id')
            ORDER BY json_extract_scalar(payload, '$.header.version') DESC
        ) AS age
    FROM programmes
    WHERE event_type = 'programme'
)
SELECT
    channel,
    substr(start_time, 1, 10) AS utc_day,
    count(*) AS programmes,
    round(
        sum(
            to_unixtime(date_parse(end_time, '%Y-%m-%dT%H:%i:%sZ'))
            - to_unixtime(date_parse(start_time, '%Y-%m-%dT%H:%i:%sZ'))
        ) / 3600,
        1
    ) AS hours
FROM numbered
WHERE age = 1 AND event_subtype = 'scheduled'
GROUP BY channel, substr(start_time, 1, 10)
ORDER BY utc_day, channel
