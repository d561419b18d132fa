#include "mail/wording.h"

/* English: Django's sentences where it has them, since clients of the documents may look for those. */
static const struct lk_wording words[][LK_LANGUAGES] = {
    [LK_MAIL_VERIFY] =
        {
            [LK_ENGLISH] =
                {
                    .subject = "Confirm your email address on ",
                    .reason = "You're receiving this email because this address was given for a user\n"
                              "account at ",
                    .request = "Please go to the following page to confirm it:",
                    .closing = "The link works once. If you did not ask for it, leave it.\n"
                               "\n"
                               "Your username: ",
                },
            [LK_FRENCH] =
                {
                    .subject = "Confirmez votre adresse e-mail sur ",
                    .reason = "Vous recevez cet e-mail parce que cette adresse a été donnée pour un\n"
                              "compte sur ",
                    .request = "Pour la confirmer, ouvrez la page suivante :",
                    .closing = "Le lien ne sert qu’une fois. Si vous n’avez rien demandé, ignorez-le.\n"
                               "\n"
                               "Votre nom d’utilisateur : ",
                },
        },
    [LK_MAIL_RESET] =
        {
            [LK_ENGLISH] =
                {
                    .subject = "Password reset on ",
                    .reason = "You're receiving this email because you requested a password reset for your\n"
                              "user account at ",
                    .request = "Please go to the following page and choose a new password:",
                    .closing = "The link works once, within an hour. If you did not ask for it, leave it:\n"
                               "your password stays as it is.\n"
                               "\n"
                               "Your username, in case you've forgotten: ",
                },
            [LK_FRENCH] =
                {
                    .subject = "Réinitialisation du mot de passe sur ",
                    .reason =
                        "Vous recevez cet e-mail parce que vous avez demandé à réinitialiser le mot de\n"
                        "passe de votre compte sur ",
                    .request = "Ouvrez la page suivante et choisissez un nouveau mot de passe :",
                    .closing = "Le lien ne sert qu’une fois, dans l’heure. Si vous n’avez rien demandé,\n"
                               "ignorez-le : votre mot de passe reste le même.\n"
                               "\n"
                               "Votre nom d’utilisateur, au cas où vous l’auriez oublié : ",
                },
        },
    [LK_MAIL_INVITE] =
        {
            [LK_ENGLISH] =
                {
                    .subject = "You have an account on ",
                    .reason = "You're receiving this email because an administrator made an account for\n"
                              "you at ",
                    .request = "Please go to the following page and choose a password:",
                    .closing = "The link works once, within a week.\n"
                               "\n"
                               "Your username: ",
                },
            [LK_FRENCH] =
                {
                    .subject = "Vous avez un compte sur ",
                    .reason = "Vous recevez cet e-mail parce que l’administration vous a créé un compte\n"
                              "sur ",
                    .request = "Ouvrez la page suivante et choisissez un mot de passe :",
                    .closing = "Le lien ne sert qu’une fois, pendant une semaine.\n"
                               "\n"
                               "Votre nom d’utilisateur : ",
                },
        },
};

static const struct lk_wording_end ends[LK_LANGUAGES] = {
    [LK_ENGLISH] = {"en", "\n\nThanks for using our site!\n\nThe ", " team\n"},
    [LK_FRENCH] = {"fr", "\n\nMerci de votre confiance.\n\nL’équipe ", "\n"},
};

const struct lk_wording *lk_wording(enum lk_mail_kind kind, enum lk_language language) {
    return &words[kind][language];
}

const struct lk_wording_end *lk_wording_end(enum lk_language language) {
    return &ends[language];
}
