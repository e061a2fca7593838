# the server has the ACK and waits for data
1795254689.538437 client ESTAB 192.0.2.1:58772 198.51.100.2:80
# not to be known here: 1795254689.538437 server SYN-RECV 198.51.100.2:80 192.0.2.1:58772
# it has asked once more, and waits no longer
1795254696.591674 client ESTAB 192.0.2.1:58772 198.51.100.2:80
1795254696.591674 server ESTAB 198.51.100.2:80 192.0.2.1:58772
# the data has made the connection
1795254697.004093 client ESTAB 192.0.2.1:58772 198.51.100.2:80
1795254697.004093 server ESTAB 198.51.100.2:80 192.0.2.1:58772
