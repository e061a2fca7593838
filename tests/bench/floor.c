/* The floor of the benchmark: reads a capture through libpcap, record by record, and does nothing
 * with it. */
#include <inttypes.h>
#include <stdio.h>

#include <pcap/pcap.h>

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const unsigned char *bytes;
	uint64_t frames = 0;
	pcap_t *pcap;
	int got;

	if (argc != 2) {
		fprintf(stderr, "usage: floor FILE|-\n");
		return 2;
	}
	pcap = pcap_open_offline(argv[1], error);
	if (!pcap) {
		fprintf(stderr, "floor: %s\n", error);
		return 2;
	}
	while ((got = pcap_next_ex(pcap, &header, &bytes)) == 1)
		frames++;
	if (got != PCAP_ERROR_BREAK) {
		fprintf(stderr, "floor: %s\n", pcap_geterr(pcap));
		return 2;
	}
	pcap_close(pcap);
	printf("%" PRIu64 "\n", frames);
	return 0;
}
