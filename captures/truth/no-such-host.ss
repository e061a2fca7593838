# after the ICMP message
1795175471.385505 client none
# not to be known here: 1795175471.385505 server none
