using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Comparison;

/// <summary>The inputs that differ between two builds.</summary>
internal static class DiffCauses
{
    public static IEnumerable<string> Of(ReportModel old, ReportModel fresh)
    {
        if (old.Model.Sha256 != fresh.Model.Sha256) yield return $"The float model changed ({Short(old.Model.Sha256)} to {Short(fresh.Model.Sha256)}).";
        if (old.Hardware.Name != fresh.Hardware.Name) yield return $"The hardware changed from {old.Hardware.Name} to {fresh.Hardware.Name}.";
        else if (old.Hardware.Sha256 is { } a && fresh.Hardware.Sha256 is { } b && a != b) yield return $"The file of {fresh.Hardware.Name} changed ({Short(a)} to {Short(b)}).";
        if (old.Hardware.Batch != fresh.Hardware.Batch) yield return $"The batch changed from {old.Hardware.Batch} to {fresh.Hardware.Batch}.";
        if (old.Objective != fresh.Objective) yield return $"The objective changed from {old.Objective} to {fresh.Objective}.";
        foreach (string budget in Budgets(old.Budget, fresh.Budget)) yield return budget;
        if (old.Search?.Strategy != fresh.Search?.Strategy) yield return $"The strategy changed from {old.Search?.Strategy ?? "a given policy"} to {fresh.Search?.Strategy ?? "a given policy"}.";
        else if (old.Search?.Seed != fresh.Search?.Seed) yield return $"The seed changed from {old.Search?.Seed} to {fresh.Search?.Seed}.";
        if (old.Search is { Completed: false } && fresh.Search is { Completed: true }) yield return "The old search ended early; the new one ran to its end.";
        if (old.Search is { Completed: true } && fresh.Search is { Completed: false }) yield return "The new search ended early; the old one ran to its end.";
        if (old.Finetune is null != fresh.Finetune is null) yield return fresh.Finetune is null ? "Fine-tuning was taken out." : "Fine-tuning was added.";
        if (old.EvaluatedOn != fresh.EvaluatedOn) yield return $"Accuracy was measured on {old.EvaluatedOn ?? "nothing"} before, and on {fresh.EvaluatedOn ?? "nothing"} now.";
        if (old.Engine != fresh.Engine) yield return $"The engine changed from {old.Engine} to {fresh.Engine}.";
    }

    private static IEnumerable<string> Budgets(BudgetFacts old, BudgetFacts fresh)
    {
        if (old.LatencyMs != fresh.LatencyMs) yield return Moved("latency budget", old.LatencyMs, fresh.LatencyMs, Figure.Time);
        if (old.EnergyMj != fresh.EnergyMj) yield return Moved("energy budget", old.EnergyMj, fresh.EnergyMj, Figure.Energy);
        if (old.SizeBytes != fresh.SizeBytes) yield return Moved("size budget", old.SizeBytes, fresh.SizeBytes, Figure.Bytes);
        if (old.AccuracyDrop != fresh.AccuracyDrop) yield return Moved("accuracy gate", old.AccuracyDrop, fresh.AccuracyDrop, v => Figure.Short(v) + " points");
    }

    private static string Moved(string name, double? old, double? fresh, Func<double?, string> format) => (old, fresh) switch
    {
        (null, _) => $"There is now a {name} of {format(fresh)}.",
        (_, null) => $"There is no {name} any more; it was {format(old)}.",
        _ => $"The {name} went from {format(old)} to {format(fresh)}.",
    };

    private static string Short(string digest) => digest.Length > 12 ? digest[..12] : digest;
}
