"""The look of the page: where its parts stand, and the glass they are made of."""

PANEL = 372  # width of the panel beside the map [px]
SMALL = 0.8  # how much smaller the model is drawn in small windows

CSS = f"""
<style>
.stApp {{ background: #eef0ee; }}
header[data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stDecoration"],
[data-testid="stStatusWidget"] {{ display: none !important; }}
.st-key-stage {{ position: fixed; inset: 0 {PANEL}px 0 0; z-index: 1; padding: 0;
  background: radial-gradient(120% 90% at 45% 60%, #ffffff 0%, #eef1f0 46%, #d9dfe0 100%); }}
.st-key-stage, .st-key-stage > div, .st-key-stage [data-testid="stElementContainer"],
.st-key-stage [data-testid="stFullScreenFrame"], .st-key-stage .stDeckGlJsonChart
  {{ height: 100% !important; width: 100% !important; max-width: none !important; }}
@media (min-width: 901px) and (max-width: 1450px), (min-width: 901px) and (max-height: 820px) {{
  .st-key-stage .stDeckGlJsonChart {{ width: calc(100% / {SMALL}) !important;
    height: calc(100% / {SMALL}) !important; transform: scale({SMALL}); transform-origin: 0 0; }}
}}
.st-key-panel {{ position: fixed; top: 0; right: 0; bottom: 0; width: {PANEL}px; z-index: 3;
  background: #fbfaf7; border-left: 1px solid #dcd8cf; overflow-y: auto; overflow-x: hidden;
  padding: 18px 20px 28px 20px; gap: 0.7rem; }}
.st-key-title, .st-key-legend, .st-key-clock, .st-key-card, .st-key-credit, .st-key-honesty
  {{ position: fixed; z-index: 2; width: auto; gap: 0.2rem; }}
.st-key-honesty {{ top: 20px; right: {PANEL + 26}px; width: auto !important; padding: 5px 14px; }}
.st-key-title {{ top: 20px; left: 26px; pointer-events: none; max-width: none; }}
.st-key-legend {{ left: 26px; bottom: 136px; width: 232px !important; padding: 12px 14px;
  pointer-events: none; }}
.st-key-clock {{ left: 26px; bottom: 34px; right: {PANEL + 26}px; padding: 10px 18px 8px 18px; }}
.st-key-card {{ top: 104px; right: {PANEL + 26}px; width: 256px !important; padding: 12px 14px;
  max-height: calc(100vh - 250px); overflow-y: auto; }}
.st-key-credit {{ left: 28px; right: {PANEL + 26}px; bottom: 8px; pointer-events: none; }}
.st-key-legend, .st-key-clock, .st-key-card, .st-key-honesty {{ background: rgba(252, 251, 248, 0.90);
  border: 1px solid rgba(120, 116, 104, 0.22); border-radius: 10px;
  box-shadow: 0 6px 22px rgba(50, 60, 66, 0.12); backdrop-filter: blur(7px); }}
.st-key-stage .stElementContainer, .st-key-title .stElementContainer,
.st-key-legend .stElementContainer, .st-key-clock .stElementContainer,
.st-key-card .stElementContainer, .st-key-credit .stElementContainer,
.st-key-honesty .stElementContainer
  {{ opacity: 1 !important; transition: none !important; }}
.ct-place {{ font-size: 13px; letter-spacing: .02em; color: #4d5a60; font-weight: 500; }}
.ct-name {{ font-size: 25px; font-weight: 650; color: #16242c; line-height: 1.2;
  margin: 1px 0 3px 0; letter-spacing: -0.01em; }}
.ct-now {{ font-size: 14px; color: #33424a; white-space: nowrap; }}
.ct-now b {{ font-weight: 650; color: #10222c; font-variant-numeric: tabular-nums; }}
.ct-brand {{ font-size: 19px; font-weight: 700; color: #16242c; letter-spacing: -0.01em; }}
.ct-brand span {{ display: block; font-size: 12.5px; font-weight: 400; color: #66716f;
  letter-spacing: 0; margin-top: 1px; }}
.ct-key {{ font-size: 12px; font-weight: 600; color: #24343c; margin-bottom: 6px; }}
.ct-row {{ display: flex; align-items: center; margin-bottom: 1px; font-size: 12.5px; color: #33424a;
  line-height: 1.4; padding: 1.5px 0; font-variant-numeric: tabular-nums; }}
.ct-row i {{ flex: none; width: 22px; height: 12px; margin-right: 9px; border-radius: 2px;
  box-shadow: inset 0 0 0 1px rgba(20, 30, 40, .10); }}
.ct-row i.ct-grey {{ background: #98999d; }}
.ct-row i.ct-hatch {{ background: #bdbcb6 repeating-linear-gradient(45deg, #77766f 0 2px,
  transparent 2px 5px); }}
.ct-row i.thin {{ height: 4px; border-radius: 2px; }}
.ct-gap {{ height: 6px; }}
.ct-big {{ padding: 9px 0 10px 0; border-top: 1px solid #e4e0d7; }}
.ct-big b {{ display: block; font-size: 36px; line-height: 1.1; font-weight: 650; color: #10222c;
  letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }}
.ct-big span {{ font-size: 14px; color: #33424a; }}
.ct-big small {{ font-size: 12px; color: #6f7a79; display: block; }}
.ct-head {{ font-size: 12.5px; font-weight: 600; color: #55625f; margin: 2px 0 -4px 0; }}
.ct-card h4 {{ font-size: 15.5px; font-weight: 650; margin: 0 0 6px 0; padding: 0; color: #16242c; }}
.ct-card table {{ width: 100%; border-collapse: collapse; font-size: 13px; margin: 0; }}
.ct-card td {{ border: 0; padding: 2.5px 0; color: #4d5a60; }}
.ct-card td + td {{ text-align: right; color: #10222c; font-weight: 550;
  font-variant-numeric: tabular-nums; }}
.ct-card p {{ font-size: 11.5px; line-height: 1.35; color: #6f7a79; margin: 7px 0 0 0; }}
.ct-card p.hint {{ margin: 0; }}
.ct-credit {{ font-size: 11px; color: #55605f; display: flex; justify-content: space-between;
  gap: 1rem; }}
.ct-credit span:first-child {{ white-space: nowrap; }}
.ct-small {{ font-size: 12.5px; line-height: 1.45; color: #44514f; overflow-wrap: anywhere; }}
.ct-small p {{ font-size: 12.5px; margin: 0 0 6px 0; }}
.ct-small td {{ padding: 2px 8px 2px 0; border: 0; vertical-align: top; }}
.ct-small td:first-child {{ color: #76807e; white-space: nowrap; }}
.ct-more td:first-child {{ white-space: normal; color: #33424a; padding-bottom: 5px; }}
.ct-more td:last-child {{ text-align: right; white-space: nowrap; color: #10222c; }}
.ct-more small {{ color: #6f7a79; }}
.ct-more table {{ width: 100%; }}
.ct-small table {{ margin: 0; border-collapse: collapse; }}
.ct-bar {{ display: flex; height: 9px; border: 1px solid #a9a79d; border-radius: 2px;
  overflow: hidden; margin: 1px 0 2px 0; }}
.ct-bar i {{ height: 100%; }}
.ct-real {{ background: #17697a; }}
.ct-derived {{ background: #8cc0bd; }}
.ct-assumed {{ background: #cfc9bc repeating-linear-gradient(45deg, #857f73 0 1px,
  transparent 1px 4px); }}
.ct-unknown {{ background: #fff; }}
.ct-aspect {{ font-size: 12.5px; color: #24343c; margin: 7px 0 0 0; line-height: 1.35; }}
.ct-aspect small {{ font-size: 11.5px; color: #66716f; display: block; }}
.ct-states {{ display: flex; flex-wrap: wrap; gap: 2px 12px; font-size: 11.5px; color: #4d5a60; }}
.ct-states i {{ display: inline-block; width: 13px; height: 8px; margin-right: 5px;
  border: 1px solid #a9a79d; }}
.ct-warn {{ font-size: 12.5px; color: #5e4308; background: #fdf1cf; border-left: 4px solid #d39a13;
  border-radius: 4px; padding: 8px 11px; line-height: 1.4; overflow-wrap: anywhere; }}
.ct-warn p {{ font-size: 12.5px; margin: 4px 0 0 0; }}
.ct-stopped {{ display: inline-block; font-size: 14px; font-weight: 600; color: #5e4308;
  background: #fbe3a2; border-radius: 4px; padding: 2px 9px; margin-top: 5px; }}
.ct-note {{ font-size: 11px; line-height: 1.3; color: #66716f; margin-top: 5px; }}
.ct-ledger table {{ width: 100%; }}
.ct-ledger th {{ text-align: right; font-weight: 600; color: #24343c; padding: 4px 0 1px 0;
  border-bottom: 1px solid #e4e0d7; }}
.ct-ledger th:first-child {{ text-align: left; }}
.ct-ledger td + td {{ text-align: right; font-variant-numeric: tabular-nums; padding-right: 0;
  padding-left: 8px; white-space: nowrap; }}
.ct-ledger td:first-child {{ white-space: normal; }}
.ct-bands table {{ width: 100%; }}
.ct-bands th {{ text-align: right; font-weight: 600; color: #24343c; padding: 4px 0 3px 8px;
  border-bottom: 1px solid #e4e0d7; }}
.ct-bands th:first-child {{ text-align: left; padding-left: 0; }}
.ct-bands td {{ padding: 3px 0 3px 8px; text-align: right; white-space: nowrap; color: #10222c;
  font-variant-numeric: tabular-nums; border-bottom: 1px solid #f0ede5; }}
.ct-bands td:first-child {{ text-align: left; white-space: normal; color: #33424a; padding-left: 0; }}
.ct-out td + td {{ color: #33424a; padding-bottom: 4px; }}
.ct-step {{ font-size: 14.5px; font-weight: 650; color: #16242c; line-height: 1.3; }}
.ct-doing {{ font-size: 13px; line-height: 1.4; padding: 5px 0 5px 10px; border-left: 3px solid #d5d0c4;
  color: #6f7a79; margin-bottom: 4px; }}
.ct-doing b {{ display: block; font-weight: 600; color: inherit; }}
.ct-doing.ct-done {{ border-color: #17697a; color: #33424a; }}
.ct-doing.ct-now {{ border-color: #1c5d99; color: #10222c; background: #eef3f7; }}
.ct-line {{ font-size: 12.5px; line-height: 1.4; color: #44514f; padding: 6px 0 6px 9px;
  border-left: 2px solid #d5d0c4; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }}
.ct-line b {{ color: #16242c; font-weight: 600; }}
.ct-line.now {{ border-color: #1c5d99; }}
.st-key-timeline [data-testid="stHorizontalBlock"] {{ flex-wrap: nowrap; }}
.st-key-timeline [data-testid="stColumn"] {{ min-width: 0; }}
.st-key-timeline button {{ padding: 4px 0 0 0; min-height: 0; justify-content: flex-start; }}
.st-key-timeline button p {{ font-size: 13px; font-weight: 600; color: #1c5d99;
  font-variant-numeric: tabular-nums; }}
:has(> .st-key-run_bar) {{ position: sticky; bottom: -28px; z-index: 4; }}
.st-key-run_bar {{ background: #fbfaf7; padding: 8px 0 12px 0; }}
.ct-error {{ font-size: 13px; color: #8c2f17; background: #fbeae3; border-radius: 8px;
  padding: 9px 12px; line-height: 1.4; }}
.st-key-clock [data-testid="stSelectSlider"] label, .st-key-clock .stSlider label
  {{ display: none; }}
.ct-rain {{ display: flex; align-items: center; gap: 12px; font-size: 12px; color: #55625f;
  white-space: nowrap; }}
.ct-rain div {{ display: flex; align-items: flex-end; gap: 1.5px; height: 30px; min-width: 0; }}
.ct-rain i {{ width: 6px; flex: 0 1 auto; background: #b7cbdb; border-radius: 1px 1px 0 0; }}
.ct-rain i.now {{ background: #1c5d99; }}
@media (max-width: 1300px) {{ .ct-rain span {{ display: none; }} }}
@media (max-width: 1120px) {{ .ct-rain div {{ max-width: 110px; }} }}
@media (max-width: 1040px) {{ .ct-rain {{ display: none; }} }}
@media (max-width: 900px) {{
  .st-key-stage {{ position: relative; inset: auto; height: 62vh !important; }}
  .st-key-panel, .st-key-title, .st-key-legend, .st-key-clock, .st-key-card, .st-key-credit,
  .st-key-honesty
    {{ position: relative; inset: auto; width: auto !important; max-width: none; max-height: none; }}
}}
</style>
"""
