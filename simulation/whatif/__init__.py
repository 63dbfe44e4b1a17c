"""What if: past complaints played under one or more policies, by the class that the workflow runs.

`reading` and `synthetic` bring complaints into a `spool`, `fitting` makes a `model` of them, `story` draws what is
missing, `people` act by it, `playing` plays one case, `running` many, `summary` counts, `report` and `page` tell.
"""
