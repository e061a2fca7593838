# asked eight times
1795254693.510994 client none
1795254693.510994 server none
