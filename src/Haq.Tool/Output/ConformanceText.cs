using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;

namespace Haq.Tool.Output;

/// <summary>A model held against a target, a line a node.</summary>
internal static class ConformanceText
{
    public static void Print(ConformanceReport report)
    {
        var profile = report.Profile;
        Console.WriteLine($"{report.Model} for {profile.Name} ({profile.Title}; read for {profile.Version})");
        foreach (var verdict in report.Verdicts)
        {
            string word = verdict.IsAllowed ? "allowed" : Word(verdict.Effect);
            string subject = verdict.Name.Length == 0 ? "the model" : $"{verdict.Name} ({verdict.Operator})";
            string what = string.Join("; ", verdict.Breaches.Select(b => b.What));
            string change = string.Join(' ', verdict.Breaches.Select(b => b.Change).Distinct());
            Console.WriteLine($"  {word,-8} {subject}: {what}. {change} [{string.Join(", ", verdict.Breaches.Select(b => b.Rule.Kind).Distinct())}]");
        }
        Console.WriteLine(Summary(report));
        Console.WriteLine($"{ConformanceReport.Caveat} 'haq target show {profile.Name}' names the documents.");
    }

    private static string Summary(ConformanceReport report)
    {
        int refused = Count(RuleEffect.Refused), fallback = Count(RuleEffect.Fallback);
        int allowed = report.Verdicts.Count(v => v.IsAllowed);
        string text = $"{report.Nodes} nodes compute: {Math.Max(0, report.Nodes - refused - fallback)} run on the target, {fallback} left to {report.Profile.Host}, {refused} refused";
        return allowed == 0 ? text + "." : $"{text}; {allowed} of these are allowed.";

        int Count(RuleEffect effect) => report.Verdicts.Count(v => v.Effect == effect && v.Name.Length > 0);
    }

    /// <summary>An effect in a word, as profiles write it.</summary>
    public static string Word(RuleEffect effect) => effect switch { RuleEffect.Refused => "refused", RuleEffect.Fallback => "fallback", _ => "note" };
}
