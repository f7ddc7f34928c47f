-- A link by which a guest asks what is known of them, or leaves.
alter table challenges drop constraint challenges_purpose_check;
alter table challenges add constraint challenges_purpose_check check (purpose in (
    'sign_in', 'second_factor', 'email_verification', 'email_change', 'password_reset',
    'phone_verification', 'passkey_registration', 'passkey_sign_in', 'provider', 'guest_data'));

-- down
delete from challenges where purpose = 'guest_data';
alter table challenges drop constraint challenges_purpose_check;
alter table challenges add constraint challenges_purpose_check check (purpose in (
    'sign_in', 'second_factor', 'email_verification', 'email_change', 'password_reset',
    'phone_verification', 'passkey_registration', 'passkey_sign_in', 'provider'));
