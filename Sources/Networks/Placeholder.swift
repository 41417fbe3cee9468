// placeholder: delete when the first real file of this room exists
