"""A thousand made worlds, frozen: how a frontier may grow times how it may be published, seen from several origins."""
