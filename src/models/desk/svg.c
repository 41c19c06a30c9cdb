#include "models/desk/svg.h"

#include <stdlib.h>

static const char style_[] =
    "<style>text{font:13px system-ui,sans-serif;fill:#1b1b1b}.ground{fill:#fff}"
    ".fg{fill:#1b1b1b;stroke:none}line.fg{stroke:#1b1b1b}.dim{fill:none;stroke:#d0d0d0}"
    "text.dim{fill:#595959;stroke:none}.a{fill:#0b5fa5;stroke:#0b5fa5}.b{fill:#c95f02;stroke:#"
    "c95f02}"
    ".c{fill:#2e7d32;stroke:#2e7d32}.d{fill:#8e24aa;stroke:#8e24aa}.e{fill:#6d4c41;stroke:#6d4c41}"
    ".f{fill:#607d8b;stroke:#607d8b}.plus{stroke:#0b5fa5}.minus{stroke:#b3261e;stroke-dasharray:4 "
    "3}"
    "circle,rect{stroke-width:0}@media (prefers-color-scheme:dark){.ground{fill:#14171a}"
    "text{fill:#ececec}.fg{fill:#ececec}line.fg{stroke:#ececec}.dim{stroke:#3d444b}"
    "text.dim{fill:#a8b0b8}.a{fill:#6cb6ff;stroke:#6cb6ff}.b{fill:#ffa657;stroke:#ffa657}"
    ".c{fill:#7ee787;stroke:#7ee787}.d{fill:#d2a8ff;stroke:#d2a8ff}.e{fill:#d7b49e;stroke:#d7b49e}"
    ".f{fill:#b0bec5;stroke:#b0bec5}.plus{stroke:#6cb6ff}.minus{stroke:#ff7b72}}</style>\n";

static void escaped(FILE *out, const char *text)
{
    for (; *text != 0; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c == '&')
            (void)fputs("&amp;", out);
        else if (c == '<')
            (void)fputs("&lt;", out);
        else if (c == '>')
            (void)fputs("&gt;", out);
        else if (c == '"')
            (void)fputs("&quot;", out);
        else
            (void)fputc(c < ' ' ? ' ' : c, out);
    }
}

/* Tenths of a pixel, as ` name="12.3"`. */
static void place(FILE *out, const char *name, int32_t tenths)
{
    (void)fprintf(out, " %s=\"%s%d.%d\"", name, tenths < 0 ? "-" : "", abs(tenths / 10),
                  abs(tenths % 10));
}

void cy_svg_begin(struct cy_svg *svg, FILE *out, int32_t width, int32_t height, const char *title,
                  const char *description)
{
    svg->out = out;
    (void)fprintf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                  "aria-labelledby=\"t d\">\n<title id=\"t\">",
                  width / 10, height / 10);
    escaped(out, title);
    (void)fputs("</title>\n<desc id=\"d\">", out);
    escaped(out, description);
    (void)fputs("</desc>\n", out);
    (void)fputs(style_, out);
    cy_svg_rect(svg, "ground", 0, 0, width, height);
}

void cy_svg_rect(struct cy_svg *svg, const char *class, int32_t x, int32_t y, int32_t width,
                 int32_t height)
{
    (void)fprintf(svg->out, "<rect class=\"%s\"", class);
    place(svg->out, "x", x);
    place(svg->out, "y", y);
    place(svg->out, "width", width);
    place(svg->out, "height", height);
    (void)fputs("/>\n", svg->out);
}

void cy_svg_circle(struct cy_svg *svg, const char *class, int32_t x, int32_t y, int32_t radius)
{
    (void)fprintf(svg->out, "<circle class=\"%s\"", class);
    place(svg->out, "cx", x);
    place(svg->out, "cy", y);
    place(svg->out, "r", radius);
    (void)fputs("/>\n", svg->out);
}

void cy_svg_line(struct cy_svg *svg, const char *class, int32_t x1, int32_t y1, int32_t x2,
                 int32_t y2)
{
    (void)fprintf(svg->out, "<line class=\"%s\"", class);
    place(svg->out, "x1", x1);
    place(svg->out, "y1", y1);
    place(svg->out, "x2", x2);
    place(svg->out, "y2", y2);
    (void)fputs("/>\n", svg->out);
}

void cy_svg_text(struct cy_svg *svg, const char *class, int32_t x, int32_t y,
                 enum cy_svg_anchor anchor, const char *text)
{
    static const char *const words[] = {"start", "middle", "end"};

    (void)fprintf(svg->out, "<text class=\"%s\" text-anchor=\"%s\"", class, words[anchor]);
    place(svg->out, "x", x);
    place(svg->out, "y", y);
    (void)fputc('>', svg->out);
    escaped(svg->out, text);
    (void)fputs("</text>\n", svg->out);
}

void cy_svg_group(struct cy_svg *svg, const char *title)
{
    (void)fputs("<g><title>", svg->out);
    escaped(svg->out, title);
    (void)fputs("</title>\n", svg->out);
}

void cy_svg_group_end(struct cy_svg *svg)
{
    (void)fputs("</g>\n", svg->out);
}

bool cy_svg_end(struct cy_svg *svg)
{
    (void)fputs("</svg>\n", svg->out);
    return fflush(svg->out) == 0 && ferror(svg->out) == 0;
}
