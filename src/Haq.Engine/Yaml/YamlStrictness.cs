using Haq.Engine.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Haq.Engine.Yaml;

/// <summary>What YAML allows and a configuration file is better without: keys given twice, anchors and aliases, merge keys, tags.</summary>
internal static class YamlStrictness
{
    // No document here needs a tenth of it, and readers of trees recurse.
    private const int MostLevels = 64;


    /// <summary>Walks the events of <paramref name="text"/> and refuses the first such thing, at its own position.</summary>
    /// <exception cref="HaqException">There is one (HAQ0001, HAQ0005).</exception>
    /// <exception cref="YamlException">The text is not well-formed.</exception>
    public static void Check(string file, string text)
    {
        var parser = new Parser(new StringReader(text));
        var open = new Stack<Frame>();
        while (MoveNext(parser))
        {
            var current = parser.Current!;
            var at = new SourceLocation(file, (int)current.Start.Line, (int)current.Start.Column);
            if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
                throw DiagnosticCatalog.YamlSyntax.Error(at, "anchors and aliases (&name, *name) are not used here: write the value out, and quote text that starts with & or *.");
            if (current is NodeEvent { Tag.IsEmpty: false, Tag.IsNonSpecific: false } node)
                throw DiagnosticCatalog.YamlSyntax.Error(at, $"the tag '{node.Tag}' is not used here: write the value without it.");
            if (current is NodeEvent) EnterNode(open, current, at);
            if (open.Count >= MostLevels) throw DiagnosticCatalog.YamlSyntax.Error(at, $"lists and mappings are nested more than {MostLevels} deep: nothing here needs that.");
            if (current is MappingStart or SequenceStart) open.Push(new Frame(current is MappingStart));
            if (current is MappingEnd or SequenceEnd) open.Pop();
        }
    }

    // The parser gives up on some unfinished lists with an exception that says neither what nor where.
    private static bool MoveNext(Parser parser)
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            var at = parser.Current?.End ?? Mark.Empty;
            throw new YamlException(at, at, e is ArgumentException ? e.Message : "a list or mapping that begins here is not finished");
        }
    }

    private static void EnterNode(Stack<Frame> open, ParsingEvent current, SourceLocation at)
    {
        if (!open.TryPeek(out var frame) || !frame.IsMapping) return;
        frame.AtKey = !frame.AtKey;
        if (!frame.AtKey || current is not Scalar key) return;
        if (key is { Value: "<<", Style: ScalarStyle.Plain })
            throw DiagnosticCatalog.YamlSyntax.Error(at, "merge keys (<<) are not used here: write the keys out.");
        if (!frame.Keys.TryAdd(key.Value, at))
            throw DiagnosticCatalog.DuplicateKey.Error(at, $"'{key.Value}' is given twice, first in line {frame.Keys[key.Value].Line}: remove one of them.");
    }

    private sealed class Frame(bool isMapping)
    {
        public bool IsMapping => isMapping;

        public bool AtKey { get; set; }

        public Dictionary<string, SourceLocation> Keys { get; } = new(StringComparer.Ordinal);
    }
}
