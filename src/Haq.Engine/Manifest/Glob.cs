namespace Haq.Engine.Manifest;

/// <summary>Patterns of names: * stands for any text (slashes too), ? for one character, everything else for itself.</summary>
public static class Glob
{
    /// <summary><paramref name="name"/> has the form of <paramref name="pattern"/>; linear in both but for backtracking to the last star.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') (star, resume) = (p++, n);
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n])) (p, n) = (p + 1, n + 1);
            else if (star >= 0) (p, n) = (star + 1, ++resume);
            else return false;
        }
        return pattern[p..].IndexOfAnyExcept('*') < 0;
    }
}
