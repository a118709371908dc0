"""Reading and writing of files: what a user asked for, what the program keeps, what comes from elsewhere."""
