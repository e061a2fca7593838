# one port was open, and the scanner's host has reset what it did not ask for
1795254689.723852 client none
1795254689.723852 server none
