# the client has closed
1795175466.501370 client FIN-WAIT-2 [2001:db8:1::1]:52152 [2001:db8:2::2]:80
1795175466.501370 server CLOSE-WAIT [2001:db8:2::2]:80 [2001:db8:1::1]:52152
# the ACK of the server's FIN is lost
1795175467.233029 client TIME-WAIT [2001:db8:1::1]:52152 [2001:db8:2::2]:80
1795175467.233029 server LAST-ACK [2001:db8:2::2]:80 [2001:db8:1::1]:52152
# at last one got through
1795175468.480058 client TIME-WAIT [2001:db8:1::1]:52152 [2001:db8:2::2]:80
1795175468.480058 server none
