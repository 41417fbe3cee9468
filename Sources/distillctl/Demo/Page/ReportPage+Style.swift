extension ReportPage {
    static let style = """
        :root { --ink: #1c1e21; --paper: #fdfdfc; --faint: #6a6f76; --line: #d9dbde;
          --accent: #1f6f8b; --good: #1d7a3a; --bad: #b3261e; --mark: #c77700; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e6e3; --paper: #17191c;
          --faint: #9aa0a6; --line: #34383d; --accent: #6cb8d6; --good: #6fcf8b;
          --bad: #ff8a80; --mark: #ffb74d; } }
        body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem; color: var(--ink);
          background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
        .note, footer, figcaption { color: var(--faint); font-size: .875rem; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line); }
        th { font-weight: 600; } tr > th:first-child { text-align: left; }
        .pass { color: var(--good); } .fail { color: var(--bad); font-weight: 700; }
        figure { margin: 0; }
        .pairs { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
        .pairs img { width: 50%; image-rendering: pixelated; vertical-align: top; }
        .misleading figcaption { color: var(--mark); }
        .curves { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); }
        svg { width: 100%; } svg text { font: 9px system-ui, sans-serif; fill: var(--faint); }
        svg polyline { fill: none; stroke: var(--accent); stroke-width: 1.5; }
        svg .axis { fill: none; stroke: var(--line); }
        .confusion td { min-width: 2.2rem; border: 1px solid var(--line); text-align: center;
          background: color-mix(in srgb, var(--accent) var(--share, 0%), transparent); }
        .confusion .turned { vertical-align: bottom; padding: .3rem .2rem; text-align: center; }
        .confusion .turned span { writing-mode: vertical-rl; transform: rotate(180deg); }
        footer { margin: 3rem 0 1rem; border-top: 1px solid var(--line); padding-top: .7rem; }
        """
}
