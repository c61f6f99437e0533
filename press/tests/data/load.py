import csv

with open("threads_cpu.csv", encoding="utf-8", newline="") as file:
    rows = [row for row in csv.DictReader(file) if row["metric"] == "wall_ns"]
print(len(rows), "times, the least of them", min(int(row["value"]) for row in rows))
