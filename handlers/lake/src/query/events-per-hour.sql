SELECT
    year,
    month,
    day,
    hour,
    count(*) AS events,
    count(DISTINCT event_name) AS names
FROM events
GROUP BY year, month, day, hour
ORDER BY year DESC, month DESC, day DESC, hour DESC
