# waiting for an answer
1795175570.546827 client SYN-SENT 192.0.2.1:40446 198.51.100.2:80
# not to be known here: 1795175570.546827 server none
# the last SYN has been sent
1795175574.663341 client SYN-SENT 192.0.2.1:40446 198.51.100.2:80
# not to be known here: 1795175574.663341 server none
# long after
1795175651.563031 client none
1795175651.563031 server none
