/// The report's style sheet: two palettes of contrast 4.5 and more, one column, phones and paper.
enum PageStyle {
  static let source: StaticString = """
    :root{color-scheme:light dark;--page:#f6f6f4;--card:#fff;--ink:#1b1c1e;--muted:#595e66;--line:#dfe0dd;
    --link:#1d55a5;--ok:#1b6e43;--error:#b0261c;--warning:#825300;--info:#35547f;--bar:#4a78b5;
    --inserted:#2f8f5b;--updated:#3f73bd;--unchanged:#8d939b;--merged:#8264ad;--filtered:#c09336;
    --rejected:#c63f33}
    @media (prefers-color-scheme:dark){:root{--page:#131416;--card:#1b1d20;--ink:#e7e8ea;--muted:#a4aab3;
    --line:#34373c;--link:#8ab6f2;--ok:#72d09c;--error:#ff9186;--warning:#eeb85c;--info:#a5c0e8;
    --bar:#6f9bd6;--inserted:#4fb37f;--updated:#6b9be0;--unchanged:#747b84;--merged:#a78bd0;
    --filtered:#d3a94f;--rejected:#e5695d}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
    body{margin:0 auto;padding:clamp(1rem,4vw,3rem);max-width:70rem;background:var(--page);color:var(--ink);
    font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
    font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    h1,h2,h3{line-height:1.2;text-wrap:balance;letter-spacing:-.01em}
    h1{margin:.2rem 0 .6rem;font-size:clamp(1.7rem,5vw,2.6rem);font-weight:650}
    h2{margin:0 0 1rem;font-size:1.4rem;font-weight:600}
    h3{margin:0 0 .6rem;font-size:1.05rem;font-weight:600}
    p{margin:0 0 1rem;max-width:46rem}
    a{color:var(--link)}
    th code,td code{overflow-wrap:anywhere}
    code{font:.88em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
    :focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
    header>:last-child,section>:last-child,.scroll:last-child{margin-bottom:0}
    .skip{position:absolute;left:-100rem}
    .skip:focus{left:1rem;top:1rem;padding:.5rem 1rem;background:var(--card);z-index:1}
    .eyebrow{margin:0;font-size:.8rem;font-weight:600;letter-spacing:.06em;text-transform:uppercase;
    color:var(--muted)}
    .lead{font-size:1.15rem}
    .muted,.note{color:var(--muted)}
    .note{font-size:.9rem;margin:.6rem 0 1.4rem}
    header,section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;
    padding:clamp(1.1rem,3vw,2rem);margin:0 0 1.25rem}
    .verdict{border-top:.4rem solid currentColor}
    .verdict>*{color:var(--ink)}
    .verdict>h1{color:inherit}
    .verdict>.eyebrow,.verdict>.muted{color:var(--muted)}
    .verdict>.muted{margin:0}
    .ok{color:var(--ok)}.error{color:var(--error)}.warning{color:var(--warning)}.info{color:var(--info)}
    .losses{margin:.4rem 0 1.5rem;padding:0;list-style:none;max-width:46rem}
    .losses li{padding:.3rem 0;border-bottom:1px solid var(--line)}
    .losses strong{display:inline-block;min-width:3.5rem;padding-right:.6rem;text-align:right}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:1rem;margin:0 0 1.5rem}
    .figures dt{font-size:.85rem;color:var(--muted)}
    .figures dd{margin:0;font-size:1.5rem;font-weight:600;letter-spacing:-.01em}
    nav ul{display:flex;flex-wrap:wrap;gap:.4rem 1.1rem;margin:0 0 1.25rem;padding:0 .3rem;list-style:none}
    nav a{display:inline-block;padding:.25rem 0;text-decoration:none}
    nav a:hover{text-decoration:underline}
    footer{padding:.5rem .3rem;color:var(--muted);font-size:.85rem}
    .scroll{overflow-x:auto;margin:0 0 .8rem}
    table{width:100%;border-collapse:collapse;font-size:.92rem;line-height:1.4;overflow-wrap:break-word}
    caption{padding:.3rem 0 .5rem;text-align:left;font-weight:600}
    th,td{padding:.42rem .7rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;
    font-weight:400}
    th:first-child,td:first-child{padding-left:0}
    th:last-child,td:last-child{padding-right:0}
    tbody th{min-width:9rem}
    thead th,thead td{font-size:.82rem;color:var(--muted);white-space:nowrap;vertical-align:bottom}
    .number{text-align:right;white-space:nowrap}
    thead button{all:unset;cursor:pointer;color:inherit;font:inherit}
    thead button:hover,thead button:focus-visible{color:var(--ink);text-decoration:underline}
    thead button:focus-visible{outline:2px solid var(--link);outline-offset:2px}
    th[aria-sort=ascending] button::after{content:" \\2191"}
    th[aria-sort=descending] button::after{content:" \\2193"}
    label.filter{display:flex;gap:.6rem;align-items:center;margin:0 0 .6rem;font-size:.9rem;color:var(--muted)}
    input{min-width:0;width:16rem;max-width:100%;padding:.35rem .6rem;font:inherit;color:var(--ink);
    background:var(--page);border:1px solid var(--muted);border-radius:.35rem}
    .badge{display:inline-block;min-width:4.6rem;font-weight:600;white-space:nowrap}
    .badge::before{content:"";display:inline-block;width:.55em;height:.55em;margin-right:.5em;
    border-radius:50%;background:currentColor}
    td.bar{width:7rem;min-width:5rem;vertical-align:middle}
    td.bar svg{display:block;width:100%;height:.5rem;fill:var(--bar)}
    figure{margin:0 0 1.2rem}
    figcaption{margin:0 0 .35rem;font-size:.92rem}
    .chart{display:block;width:100%;height:1.1rem;border-radius:.2rem;fill:var(--bar)}
    #timeline .chart{height:9rem;border-bottom:1px solid var(--muted);border-radius:0}
    .axis{display:flex;justify-content:space-between;margin-top:.3rem;font-size:.85rem;color:var(--muted)}
    th .inserted::before,th .updated::before,th .unchanged::before,th .merged::before,th .filtered::before,
    th .rejected::before{content:"";display:inline-block;width:.75em;height:.75em;margin-right:.5em;
    border-radius:.15em;background:var(--swatch)}
    .inserted{fill:var(--inserted);--swatch:var(--inserted)}
    .updated{fill:var(--updated);--swatch:var(--updated)}
    .unchanged{fill:var(--unchanged);--swatch:var(--unchanged)}
    .merged{fill:var(--merged);--swatch:var(--merged)}
    .filtered{fill:var(--filtered);--swatch:var(--filtered)}
    .rejected{fill:var(--rejected);--swatch:var(--rejected)}
    .cluster{padding:1.1rem 0;border-top:1px solid var(--line)}
    .cluster p{margin:.6rem 0 0}
    .facts{display:flex;flex-wrap:wrap;gap:.5rem 1.8rem;margin:0;font-size:.92rem}
    .facts dt{font-size:.78rem;color:var(--muted)}
    .facts dd{margin:0}
    .change{padding:.6rem .9rem;border-left:.25rem solid var(--ok);background:var(--page)}
    .change code{font-weight:600}
    .tables{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem 2.5rem}
    details{margin:0 0 .4rem}
    summary{padding:.3rem 0;cursor:pointer}
    .samples{border-bottom:1px solid var(--line)}
    .samples ol{margin:.3rem 0 1rem;padding-left:1.6rem;font-size:.92rem}
    .samples li{margin:.25rem 0}
    [hidden]{display:none}
    @media (max-width:34rem){th,td{padding:.4rem .45rem}tbody th{min-width:6.5rem}.badge{min-width:0}}
    @media print{:root{--page:#fff;--card:#fff}body{max-width:none;padding:0;font-size:10pt}
    nav,.skip,label.filter{display:none}header,section{border:0;padding:0;margin:0 0 1.5rem}
    .verdict{border-top:.3rem solid currentColor;padding-top:1rem}
    .scroll{overflow:visible}tr,figure,.cluster{break-inside:avoid}h2,h3,caption{break-after:avoid}
    details::details-content{content-visibility:visible;block-size:auto}
    *{print-color-adjust:exact}}
    """
}
