SELECT runner, "case", variant, median("value") / 1e6 AS ms
FROM 'threads_cpu.csv' WHERE metric = 'wall_ns' AND control = 'no'
GROUP BY ALL ORDER BY ALL;
