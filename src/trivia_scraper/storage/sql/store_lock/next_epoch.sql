SELECT nextval('store_epoch')
