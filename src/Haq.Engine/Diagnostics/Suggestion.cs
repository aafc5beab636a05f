namespace Haq.Engine.Diagnostics;

/// <summary>Finds what a misspelt word was meant to be.</summary>
public static class Suggestion
{
    /// <summary>The candidate within a third of the word's length in edits (Damerau-Levenshtein), or null.</summary>
    public static string? For(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        int limit = Math.Max(1, word.Length / 3);
        return candidates
            .Select(candidate => (candidate, edits: Edits(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(c => c.edits <= limit)
            .OrderBy(c => c.edits).ThenBy(c => c.candidate, StringComparer.Ordinal)
            .Select(c => c.candidate)
            .FirstOrDefault();
    }

    private static int Edits(string a, string b)
    {
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int change = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + change);
                bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if (swapped) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[a.Length, b.Length];
    }
}
