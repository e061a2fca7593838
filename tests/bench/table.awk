# Medians of what run.sh has measured: a table as text on standard output, one object a line in the file that the variable json
# names. Reads the machine's description, then lines of
# WORKLOAD <tab> LABEL <tab> CPU WALL RSS STATUS of the floor, then the same of the program.

# The value in the middle of values[1..n]; of an even number the mean of the two.
function median(values, n,    i, k, swap) {
	for (i = 2; i <= n; i++)
		for (k = i; k > 1 && values[k - 1] > values[k]; k--) {
			swap = values[k]
			values[k] = values[k - 1]
			values[k - 1] = swap
		}
	return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
}

function ratio(a, b) {
	return b > 0 ? a / b : 0
}

# The median of one column over the rounds of a row.
function of(column, row,    values, i) {
	for (i = 1; i <= rounds[row]; i++)
		values[i] = sample[row, i, column] + 0
	return median(values, rounds[row])
}

function quoted(text) {
	gsub(/[\\"]/, "\\\\&", text)
	return "\"" text "\""
}

FILENAME != previous {
	files++
	previous = FILENAME
}

files == 1 {
	machine = machine (machine == "" ? "" : ", ") $0
	next
}

{
	split($0, part, "\t")
	split(part[3], number, " ")
	row = part[1] "\t" part[2]
	if (!(row in rounds))
		order[++rows] = row
	i = ++rounds[row]
	sample[row, i, "cpu"] = number[5]
	sample[row, i, "wall"] = number[6]
	sample[row, i, "rss"] = number[7] / 1024
	sample[row, i, "cpu_ratio"] = ratio(number[5], number[1])
	sample[row, i, "wall_ratio"] = ratio(number[6], number[2])
	status[row] = number[8]
}

END {
	printf "{\"type\":\"benchmark\",\"machine\":%s,\"factor\":%s}\n", quoted(machine), factor > json
	printf "%s; factor %s\n\n", machine, factor
	printf "%-10s  %-29s  %8s  %7s  %8s  %7s  %8s\n", "workload", "program", "CPU s", "x floor",
		"wall s", "x floor", "peak MiB"
	for (r = 1; r <= rows; r++) {
		row = order[r]
		split(row, name, "\t")
		printf "{\"type\":\"measurement\",\"workload\":%s,\"program\":%s,\"rounds\":%d,\"status\":%d," \
			"\"cpu\":%.3f,\"cpu_ratio\":%.2f,\"wall\":%.3f,\"wall_ratio\":%.2f,\"rss_mib\":%.1f}\n",
			quoted(name[1]), quoted(name[2]), rounds[row], status[row], of("cpu", row),
			of("cpu_ratio", row), of("wall", row), of("wall_ratio", row), of("rss", row) > json
		if (status[row] == 142) {
			printf "%-10s  %-29s  stopped after %d s\n", name[1], name[2], limit
			continue
		}
		if (status[row] != 0) {
			printf "%-10s  %-29s  failed with exit status %d\n", name[1], name[2], status[row]
			continue
		}
		printf "%-10s  %-29s  %8.3f  %7.2f  %8.3f  %7.2f  %8.1f\n", name[1], name[2], of("cpu", row),
			of("cpu_ratio", row), of("wall", row), of("wall_ratio", row), of("rss", row)
	}
}
