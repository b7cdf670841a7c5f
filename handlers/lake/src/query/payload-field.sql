SELECT
    json_extract_scalar(payload, '$.platform') AS platform,
    count(*) AS events,
    count(DISTINCT json_extract_scalar(payload, '$.user_id')) AS users
FROM events
GROUP BY json_extract_scalar(payload, '$.platform')
ORDER BY events DESC, platform
