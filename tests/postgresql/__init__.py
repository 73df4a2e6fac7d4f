"""The store on a real PostgreSQL server: the same promises, whole nights, several processes, and a server that goes."""
