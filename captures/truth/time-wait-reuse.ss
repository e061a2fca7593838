# the first connection is open
1795175473.182216 client ESTAB [2001:db8:1::1]:40000 [2001:db8:2::2]:80
1795175473.182216 server ESTAB [2001:db8:2::2]:80 [2001:db8:1::1]:40000
# the first connection is closed
1795175473.462080 client none
1795175473.462080 server TIME-WAIT [2001:db8:2::2]:80 [2001:db8:1::1]:40000
# the second connection is open
1795175473.743041 client ESTAB [2001:db8:1::1]:40000 [2001:db8:2::2]:80
1795175473.743041 server ESTAB [2001:db8:2::2]:80 [2001:db8:1::1]:40000
# the second connection is closed
1795175474.021678 client none
1795175474.021678 server TIME-WAIT [2001:db8:2::2]:80 [2001:db8:1::1]:40000
