"""What runs beside a bench that is open for work: its scanners, its inbox, the watch on its files, its clock?"""
