using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Exploring;
using Haq.Tool.Commands;

namespace Haq.Tool.Output;

/// <summary>Ways of scoring side by side, as a table or as JSON.</summary>
internal static class ScorerTable
{
    // 2: every name in camel case; some had underscores.
    private const int Version = 2;

    public static void Print(Workspace workspace, IReadOnlyList<ComparedScorer> scorers, bool json)
    {
        if (json) WriteJson(workspace, scorers);
        else Write(workspace, scorers);
    }

    private static void Write(Workspace workspace, IReadOnlyList<ComparedScorer> scorers)
    {
        Console.WriteLine(
            $"{Path.GetFileName(workspace.Manifest.Model.FullPath)} on {workspace.Target.Name}: rank correlation (Spearman) of predicted and measured damage, and the knapsack's policy by each");
        var table = Tables.New("sensitivity", "random policies", "near solutions", "searched on", "unseen", "loss, unseen", "seconds").AlignRight(1, 6);
        foreach (var row in scorers)
        {
            table.AddText(row.Name, Rank(row.RankAnywhere), Rank(row.RankNear), CompareCommand.Figure(row.Searched), CompareCommand.Figure(row.Unseen),
                row.Unseen.Loss.ToString("0.0000", Tables.Culture), row.Time.TotalSeconds.ToString("0.0", Tables.Culture));
        }
        table.Print();

        static string Rank(double? value) => value?.ToString("0.000", Tables.Culture) ?? "";
    }

    private static void WriteJson(Workspace workspace, IReadOnlyList<ComparedScorer> scorers) => JsonOutput.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", Version);
        writer.WriteString("hardware", workspace.Target.Name);
        writer.WriteStartArray("scorers");
        foreach (var row in scorers)
        {
            writer.WriteStartObject();
            writer.WriteString("name", row.Name);
            if (row.RankAnywhere is { } anywhere) writer.WriteNumber("spearmanRandom", anywhere);
            if (row.RankNear is { } near) writer.WriteNumber("spearmanNearSolutions", near);
            ScoreJson.Write(writer, "searched", row.Searched);
            ScoreJson.Write(writer, "quantized", row.Unseen);
            writer.WriteNumber("seconds", row.Time.TotalSeconds);
            writer.WriteString("bits", row.Policy.ToString());
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
