// placeholder: delete when the first real test exists
