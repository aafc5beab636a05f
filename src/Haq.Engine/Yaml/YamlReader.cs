using Haq.Engine.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Haq.Engine.Yaml;

/// <summary>Reads one YAML document strictly, keeping every value's position.</summary>
public static class YamlReader
{
    /// <summary>Parses <paramref name="text"/>, whose top level must be a mapping; <paramref name="file"/> is what errors name.</summary>
    /// <exception cref="HaqException">The text is not well-formed, has several documents, or is not a mapping (HAQ0001, HAQ0004, HAQ0005).</exception>
    public static YamlMapping Parse(string file, string text)
    {
        var stream = new YamlStream();
        try
        {
            YamlStrictness.Check(file, text);
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw Explain(file, text, e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // The parser's own answer to a document that ends in the middle of a list or mapping.
            throw DiagnosticCatalog.YamlSyntax.Error(new SourceLocation(file, text.Count(c => c == '\n') + 1, 1), "a list or mapping is not finished. Mend the YAML and run again.", e);
        }
        if (stream.Documents.Count != 1)
        {
            string found = stream.Documents.Count == 0 ? "the file is empty" : $"found {stream.Documents.Count}";
            throw DiagnosticCatalog.YamlSyntax.Error(new SourceLocation(file, 1, 1), $"expected one YAML document: {found}.");
        }
        return new YamlValue(file, "the document", stream.Documents[0].RootNode).AsMapping();
    }

    private static HaqException Explain(string file, string text, YamlException e)
    {
        string[] lines = text.Split('\n');
        // The parser often stumbles over a tab only lines later, or blames the start of the block.
        int tab = Array.FindIndex(lines, line => line.AsSpan(0, line.Length - line.AsSpan().TrimStart().Length).Contains('\t'));
        if (tab >= 0) return DiagnosticCatalog.YamlSyntax.Error(new SourceLocation(file, tab + 1, 1), "the line is indented with a tab: YAML wants spaces.", e);
        var at = new SourceLocation(file, Math.Min((int)e.Start.Line, lines.Length), (int)e.Start.Column);
        return DiagnosticCatalog.YamlSyntax.Error(at, $"{(e.InnerException ?? e).Message.TrimEnd('.')}. Mend the YAML and run again.", e);
    }
}
