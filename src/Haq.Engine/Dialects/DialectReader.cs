using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Dialects;

/// <summary>Reads a target file.</summary>
internal static class DialectReader
{
    private static readonly string[] s_keys = ["name", "title", "version", "host", "sources", "rules"];

    /// <summary>Reads <paramref name="text"/>; errors name <paramref name="file"/> with line and column.</summary>
    /// <exception cref="HaqException">The file is not a target file (HAQ0001 to HAQ0005), names a rule that there is not (HAQ0223), or rules that cannot stand together (HAQ0224).</exception>
    public static DialectProfile Read(string file, string text)
    {
        var yaml = YamlReader.Parse(file, text);
        yaml.RejectUnknownKeys(s_keys);
        string name = yaml.Find("name")?.AsText() ?? Path.GetFileNameWithoutExtension(file).Replace(".target", "", StringComparison.Ordinal);
        var sources = Sources(yaml.Require("sources", "the documents that rules were read in: {key: {url: …, version: …}}").AsMapping());
        string[] keys = [.. sources.Select(s => s.Key)];
        var rules = yaml.Require("rules", "a list of rules: [{rule: operators, from: …, …}]").AsSequence().Select(item => Rule(item, keys)).ToImmutableArray();
        foreach (var rule in rules) rule.RequireConsistent(rules);
        RequireUnique(rules);
        return new DialectProfile(
            name,
            yaml.Require("title", "the toolchain, in a few words").AsText(),
            yaml.Require("version", "the vendor's version that it was read for").AsText(),
            yaml.Find("host")?.AsText() ?? "the host",
            sources, rules,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))) { Text = text };
    }

    private static ImmutableArray<DialectSource> Sources(YamlMapping yaml)
    {
        var sources = ImmutableArray.CreateBuilder<DialectSource>();
        foreach (var (key, _, value) in yaml.Entries)
        {
            var source = value.AsMapping();
            source.RejectUnknownKeys(["url", "version"]);
            var url = source.Require("url", "where the document is");
            if (!Uri.TryCreate(url.AsText(), UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http" or "file"))
                throw url.Invalid("expected an address, as in https://…");
            sources.Add(new DialectSource(key, url.AsText(), source.Require("version", "the version, commit or date that it was read at").AsText()));
        }
        return sources.Count > 0 ? sources.ToImmutable() : throw DiagnosticCatalog.MissingKey.Error(yaml.Location, "'sources' names no document: a rule needs one to have been read in.");
    }

    private static DialectRule Rule(YamlValue item, string[] sources)
    {
        var yaml = item.AsMapping();
        var name = yaml.Require("rule", "which rule");
        if (DialectRuleKinds.All.FirstOrDefault(k => k.Name == name.AsText()) is { } kind) return kind.Create(new RuleDocument(yaml, kind, sources));
        string[] known = [.. DialectRuleKinds.All.Select(k => k.Name)];
        string next = Suggestion.For(name.AsText(), known) is { } meant ? $"Did you mean '{meant}'?" : $"Known: {string.Join(", ", known)}.";
        throw DiagnosticCatalog.UnknownRule.Error(name.Location, $"there is no rule '{name.AsText()}'. {next}");
    }

    private static void RequireUnique(ImmutableArray<DialectRule> rules)
    {
        foreach (var group in rules.GroupBy(r => r.Kind).Where(g => g.Count() > 1 && DialectRuleKinds.All.Single(k => k.Name == g.Key).IsUnique))
        {
            var (first, second) = (group.First(), group.ElementAt(1));
            throw DiagnosticCatalog.ImpossibleRule.Error(second.Location, $"a second rule '{second.Kind}', after the one in line {first.Location.Line}: a target has one. Make one rule of both.");
        }
    }
}
