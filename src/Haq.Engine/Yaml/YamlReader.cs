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
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            bool duplicate = e.Message.Contains("Duplicate key", StringComparison.OrdinalIgnoreCase);
            var kind = duplicate ? DiagnosticCatalog.DuplicateKey : DiagnosticCatalog.YamlSyntax;
            string message = (e.InnerException ?? e).Message.TrimEnd('.');
            throw kind.Error(new SourceLocation(file, (int)e.Start.Line, (int)e.Start.Column), message + ". Mend the YAML and run again.", e);
        }
        if (stream.Documents.Count != 1)
            throw DiagnosticCatalog.YamlSyntax.Error(new SourceLocation(file, 1, 1), $"expected one YAML document, found {stream.Documents.Count}.");
        return new YamlValue(file, "the document", stream.Documents[0].RootNode).AsMapping();
    }
}
